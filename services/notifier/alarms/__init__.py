"""What may be wrong and nobody else would tell: each alarm looks once a minute and tells the owner."""
