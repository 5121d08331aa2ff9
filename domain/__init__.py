"""The law of Stalking Protection Orders: facts in, decisions out; no infrastructure, no clock."""
