"""The systematic review: protocol, searches, screening, full texts, flow; each step a decision in the ledger.

A review is a scope of the ledger. What people do in it are events (`kinds`); what it stands at is a fold over them
(`state`), so that every step can be undone and the same events give the same review. Pages live in the portal.
"""
