"""The order of the screening queue: active learning on texts, citation links and the protocol's words."""
