"""What a comparison found, for people: a table for the terminal, CSV for a spreadsheet, a page to hand on."""
