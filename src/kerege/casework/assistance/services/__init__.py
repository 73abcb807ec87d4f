"""Write operations of assistance: consent, plans, services, shelter, referrals, handovers, returns."""
