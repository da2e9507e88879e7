"""What is to be proved: one row beside each business row, in the same transaction, on its way to the ledger.

A row keeps what was recorded (in groups of fields) as long as it may be kept, and where in the log its leaf stands.
"""
