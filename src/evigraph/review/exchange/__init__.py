"""Coding as other software reads it: REFI-QDA 1.5."""
