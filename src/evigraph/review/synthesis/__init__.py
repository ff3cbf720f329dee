"""Synthesis: findings, the themes that they bear on, and the confidence in what the themes say."""
