"""What is sent to a buyer: e-mail and LINE, and news of further photos of them."""
