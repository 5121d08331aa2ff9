"""Words for people: dates, terms and events as an officer reads them."""
