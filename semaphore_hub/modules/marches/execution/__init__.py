"""What happens while a marché is executed: renewals, tranches, prices, subcontracting, beneficiaries, consumption."""
