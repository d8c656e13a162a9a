"""Operating Pawtime: health, the contract, mail."""
