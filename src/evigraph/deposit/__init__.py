"""Depositing an open copy of a product in a repository that speaks the REST API of InvenioRDM, such as Zenodo."""
