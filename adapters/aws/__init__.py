"""What all services of AWS share: how a client is made, and what a failed request says."""
