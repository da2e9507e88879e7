"""What lies in a file, a table or a message: kinds of sensitive data, persons, grade, and known documents.

The room reads bytes and answers; it stores nothing and knows neither the lake nor the register.
"""
