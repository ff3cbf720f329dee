"""The machine doors of the portal: one module for each protocol that other software speaks."""
