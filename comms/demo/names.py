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


def people() -> list[tuple[str, str, str]]:
    """List title, first name and last name of each."""
    listed = []
    for name in PEOPLE.replace("\n", " ").strip().split(";"):
        title, *first, last = name.split()
        listed.append((title, " ".join(first), last))
    return listed
