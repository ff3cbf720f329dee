"""Citation graph to indicator: the four BIP! indicators and their classes."""
