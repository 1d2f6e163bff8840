"""The delivery engine: event log, router, lanes, dispatcher, attempts, inbox, breaker, replay of deliveries."""
