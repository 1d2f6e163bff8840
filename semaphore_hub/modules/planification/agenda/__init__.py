"""Calendar and workload of projects: iCalendar, Excel."""
