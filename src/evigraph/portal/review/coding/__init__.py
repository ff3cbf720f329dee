"""The pages of coding."""
