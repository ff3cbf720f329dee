"""People in the portal: accounts, claims, corrections, reports, and who may do what."""
