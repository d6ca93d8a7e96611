"""Languages that people may be written to in."""

# Those that residents of the UK most often name as their main language (Census 2021), by ISO 639-1.
LANGUAGES = {
    "en": "English",
    "ar": "Arabic",
    "bn": "Bengali",
    "zh": "Chinese",
    "cy": "Welsh",
    "fr": "French",
    "gu": "Gujarati",
    "it": "Italian",
    "fa": "Persian",
    "pl": "Polish",
    "pt": "Portuguese",
    "pa": "Punjabi",
    "ro": "Romanian",
    "ru": "Russian",
    "so": "Somali",
    "es": "Spanish",
    "ta": "Tamil",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
}
CHOICES = list(LANGUAGES.items())
