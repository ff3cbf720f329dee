"""The order of the screening queue: active learning on texts, citation links and the protocol's words.

`pool.prepare` reckons once what does not change with labels and keeps it on disk; `ranking.Ranking` scores the records
anew from every label; `explanation.explain` tells why one stands where it stands. Nothing here knows who voted.
"""
