"""The people of the demo. None of them is real; their phones are those that Ofcom keeps for drama."""

PEOPLE = """
Mrs Margaret Okafor; Mr Chidi Okafor; Dr Priya Raman; Mr Arjun Raman; Mr Tom Hargreaves; Ms Ellen Hargreaves;
Mrs Siobhan Gallagher; Mr Declan Gallagher; Ms Yewande Adeyemi; Mr Gareth Pritchard; Mrs Bronwen Pritchard;
Mr Tomasz Kowalski; Mrs Agnieszka Kowalska; Dr Farah Siddiqui; Mr Imran Siddiqui; Mrs Joan Braithwaite;
Mr Winston Campbell; Mrs Beverley Campbell; Ms Mei Ling Chan; Mr Kwok Wah Chan; Mr Alessandro Ricci; Miss Chloe Bennett;
Mr Dafydd Llewellyn; Mrs Harpreet Gill; Mr Balvinder Gill; Ms Niamh O'Connell; Mr Kofi Mensah; Mrs Abena Mensah;
Prof Judith Abrahams; Mr Leonard Abrahams; Mr Callum MacLeod; Mrs Fiona MacLeod; Miss Aaliyah Rahman; Mr Shafiq Rahman;
Ms Katarzyna Nowak; Mr Peter Ashworth; Mrs Susan Ashworth; Mr Rakesh Patel; Mrs Hema Patel; Ms Zainab Yusuf;
Mr Andreas Georgiou; Mrs Eleni Georgiou; Mr Mehmet Yilmaz; Ms Leyla Hosseini; Mr Darius Hosseini; Mrs Doreen Whitaker;
Mr Harold Whitaker; Miss Jasmine Clarke; Mr Marcus Clarke; Ms Ingrid Larsen; Mr João Ferreira; Mrs Teresa Ferreira;
Dr Olumide Balogun; Mrs Folake Balogun; Mr Stephen Thackray; Ms Rachel Thackray; Mrs Audrey Sugden; Mr Ian Sugden;
Mr Tariq Mahmood; Mrs Nasreen Mahmood; Miss Orla Brennan; Mr Wojciech Zielinski; Ms Hannah Goldberg; Mr Samuel Goldberg;
Mrs Lakshmi Iyer; Mr Venkat Iyer; Mr Desmond Francis; Ms Marcia Francis; Mr Huw Griffiths; Mrs Nerys Griffiths;
Ms Xin Yi Zhang; Mr Jian Zhang; Mrs Patricia Holroyd; Mr Keith Holroyd; Mr Abdullahi Warsame; Mrs Hodan Warsame;
Ms Sophie Delacroix; Mr Graham Illingworth; Mrs Maureen Illingworth; Dr Anand Krishnan; Mr Reece Thompson;
Miss Ebony Thompson; Ms Catriona Fraser; Mr Hamish Fraser; Mrs Gloria Osei; Mr Emmanuel Osei; Mr Nikolai Petrov;
Ms Daniela Popescu; Mr Bogdan Popescu; Mrs Jean Ackroyd; Mr Clive Ackroyd; Mr Sanjay Mistry; Mrs Bhavna Mistry;
Ms Lucy Fairburn; Mr Owen Fairburn; Mr Femi Adebayo; Mrs Ngozi Eze; Mr Ikenna Eze; Ms Charlotte Wadsworth;
Mr Rhys Morgan; Miss Tegan Morgan; Mrs Rosemary Dinsdale; Mr Michael Dinsdale; Ms Samira Haddad; Mr Karim Haddad;
Mr Liam Kavanagh; Mrs Grace Kavanagh; Mr Philip Oldroyd; Ms Amy Oldroyd; Dr Sunita Desai; Mr Vikram Desai;
Mr Luca Moretti; Ms Giulia Moretti; Mrs Elsie Barraclough; Mr Jack Barraclough; Ms Chinwe Okafor; Mr Robert Lockwood;
Mrs Anne Lockwood; Mr Yusuf Demir; Ms Keira Sutcliffe; Mr Nathan Sutcliffe; Miss Poppy Ellis
"""

COMPANIES = (
    "Aire Valley Lettings Ltd",
    "Kirkstall Property Holdings Ltd",
    "Roundhay Residential LLP",
    "Wharfe Estates Ltd",
    "St Anne's Housing Trust",
    "Headrow Investments Ltd",
    "Meanwood Lets Ltd",
    "Pennine Agents Ltd",
)

WITHOUT_EMAIL = {
    "Joan Braithwaite",
    "Doreen Whitaker",
    "Harold Whitaker",
    "Audrey Sugden",
    "Elsie Barraclough",
    "Maureen Illingworth",
    "Desmond Francis",
    "Jean Ackroyd",
}
# What becomes of mail to them, by the beginning of the address (comms/simulated.py).
TROUBLED = {
    "Graham Illingworth": "bounce",
    "Xin Yi Zhang": "bounce",
    "Tariq Mahmood": "full",
    "Lucy Fairburn": "grey",
    "Ingrid Larsen": "spam",
    "Femi Adebayo": "hard",
    "Charlotte Wadsworth": "soft",
    "Sophie Delacroix": "complain",
    "Orla Brennan": "open",
    "Wojciech Zielinski": "click",
    "Anand Krishnan": "scan",
    "Yusuf Demir": "silent",
    "Nikolai Petrov": "slow",
    "Poppy Ellis": "drop",
}
# The same of texts to them; the numbers of the others take every text.
ODD_PHONES = {
    "Graham Illingworth": 150,
    "Xin Yi Zhang": 450,
    "Tariq Mahmood": 350,
    "Ingrid Larsen": 550,
    "Lucy Fairburn": 650,
    "Charlotte Wadsworth": 850,
    "Sophie Delacroix": 250,
    "Orla Brennan": 75,
    "Femi Adebayo": 85,
    "Yusuf Demir": 95,
    "Poppy Ellis": 750,
    "Nikolai Petrov": 995,
}
PLAIN = [*range(70), *range(900, 990)]
# Who acts for whom, and as what.
RELATIONS = (
    ("Chinwe Okafor", "attorney", "Margaret Okafor"),
    ("Jack Barraclough", "attorney", "Elsie Barraclough"),
    ("Michael Dinsdale", "attorney", "Rosemary Dinsdale"),
    ("Marcus Clarke", "parent", "Jasmine Clarke"),
    ("Philip Oldroyd", "parent", "Amy Oldroyd"),
    ("Keith Holroyd", "next_of_kin", "Patricia Holroyd"),
    ("Emmanuel Osei", "next_of_kin", "Gloria Osei"),
    ("Sunita Desai", "solicitor", "Vikram Desai"),
    ("Clive Ackroyd", "attorney", "Jean Ackroyd"),
    ("Pennine Agents Ltd", "agent", "Headrow Investments Ltd"),
    ("Pennine Agents Ltd", "agent", "Andreas Georgiou"),
)
ELSEWHERE = (
    "8 Park Parade\nHarrogate\nHG1 5AG",
    "21 Weetwood Lane\nLeeds\nLS16 5NH",
    "Flat 2\n90 Lordship Lane\nLondon\nSE22 8HF",
    "4 The Crescent\nIlkley\nLS29 8JT",
    "17 Chapel Hill\nYork\nYO1 7PW",
)


def people() -> list[tuple[str, str, str]]:
    """List title, first name and last name of each."""
    listed = []
    for name in PEOPLE.replace("\n", " ").strip().split(";"):
        title, *first, last = name.split()
        listed.append((title, " ".join(first), last))
    return listed
