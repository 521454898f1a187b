"""What lets runs be left alone: keys, the work kept between runs, the log, upkeep, stopping."""
