"""Critical appraisal: tools as data, two people's answers with reasons, what they agreed on, and its pictures."""
