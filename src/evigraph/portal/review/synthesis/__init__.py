"""The pages of synthesis and confidence."""
