"""DAJ: essential data of public procurement (DECP), JSON by an assumed deposit API or XML by folders."""
