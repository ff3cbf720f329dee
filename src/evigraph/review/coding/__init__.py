"""Coding: codes in a tree, passages coded with them, memos, and how far coders agree."""
