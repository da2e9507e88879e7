"""Sample logs with known truth, written as the sources themselves write them."""
