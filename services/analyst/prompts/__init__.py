"""The prompt's texts, a pair of files a version; a version that was used is never changed, a new one is added."""
