//! The phrases, by language. Lists by occupation follow the order of `JobCategory::ALL`, levels that of
//! `JobLevel::ALL`.
//!
//! Phrases that matter (pay, urgency, work from home, benefits) share no wording with the ones that do not.

use crate::Language;

pub(super) struct Phrases {
    /// Names of jobs and one sentence on the work of each, by occupation.
    pub roles: [&'static [(&'static str, &'static str)]; 8],
    /// What stands before and after the name of the job, by level.
    pub levels: [(&'static str, &'static str); 4],
    /// Between the job and the city.
    pub place: &'static str,
    pub openings: &'static [&'static str],
    /// Before and after the figure.
    pub pay: &'static str,
    pub pay_end: &'static str,
    pub remote_title: &'static str,
    pub remote: &'static [&'static str],
    pub benefits: &'static [&'static str],
    pub urgent_titles: &'static [&'static str],
    pub urgent: &'static [&'static str],
    pub closings: &'static [&'static str],
    /// Skills of a résumé, by occupation.
    pub skills: [&'static [&'static str]; 8],
}

pub(super) fn phrases(language: Language) -> &'static Phrases {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

static ENGLISH: Phrases = Phrases {
    roles: [
        &[
            ("Software Engineer", "You design, build and run services that thousands of people rely on."),
            ("Backend Developer", "You write clear code in Rust, review the code of others and ship every week."),
            ("Data Engineer", "You turn raw data into products with Python and SQL."),
            ("Frontend Developer", "You build pages that load fast and that everybody can use."),
            ("DevOps Engineer", "You automate releases and keep the platform up day and night."),
        ],
        &[
            ("Registered Nurse", "You look after patients, plan their care and work with doctors and families."),
            ("ICU Nurse", "You watch over critical patients with a calm and experienced crew."),
            ("Home Care Nurse", "You visit patients, give medication and comfort people on hard days."),
            ("Nursing Assistant", "You help patients on the ward with meals, hygiene and exercise."),
        ],
        &[
            ("Warehouse Associate", "You pick, pack and load orders so that they leave on time."),
            ("Forklift Operator", "You move pallets safely and keep the aisles clear."),
            ("Delivery Driver", "You drive a fixed route and hand parcels to customers."),
            ("Logistics Coordinator", "You plan stock and transport and keep the warehouse moving."),
        ],
        &[
            ("Store Associate", "You advise customers, keep shelves full and help at the till."),
            ("Cashier", "You run the till and have a kind word for everyone."),
            ("Visual Merchandiser", "You arrange displays that make people stop and look."),
            ("Shop Assistant", "You help customers find what suits them."),
        ],
        &[
            ("Line Cook", "You prepare dishes with fresh produce and keep the kitchen in order."),
            ("Front Desk Agent", "You welcome guests, answer their questions and solve their problems."),
            ("Barista", "You make good coffee and serve it with a smile."),
            ("Housekeeper", "You keep rooms spotless for the next guest."),
        ],
        &[
            ("Mechanical Engineer", "You draw, calculate and test machines from idea to production."),
            ("Electrical Engineer", "You design circuits and see them through to the tests."),
            ("Civil Engineer", "You lead projects on site and keep them safe and within plan."),
            ("Process Engineer", "You improve the line with measurements and good sense."),
        ],
        &[
            ("Sales Representative", "You meet customers, understand their needs and close deals."),
            ("Account Executive", "You build a portfolio of accounts and keep them happy."),
            ("Business Developer", "You open doors, present our products and negotiate terms."),
            ("Inside Sales Agent", "You call customers and follow their orders to the end."),
        ],
        &[
            ("Accountant", "You close the books, check accounts and prepare reports."),
            ("Financial Analyst", "You analyse figures and advise managers on decisions."),
            ("Payroll Specialist", "You see that wages and taxes are right to the cent."),
            ("Credit Analyst", "You judge risks and propose limits."),
        ],
    ],
    levels: [("Junior ", ""), ("", ""), ("Senior ", ""), ("Lead ", "")],
    place: " in ",
    openings: &[
        "We are looking for a colleague: ",
        "Our team is growing: ",
        "A place is open for you: ",
        "Grow with people who care: ",
    ],
    pay: "The salary is",
    pay_end: "before taxes.",
    remote_title: " (Remote)",
    remote: &[
        "You can work from home.",
        "Fully remote, with a team that knows how.",
        "Work remotely from wherever you live.",
    ],
    benefits: &[
        "Benefits: health insurance, paid holidays and training.",
        "We offer medical and dental insurance and a retirement plan.",
        "Free meals, paid time off and a yearly bonus are part of the package.",
    ],
    urgent_titles: &["Hiring now: ", "Urgent: ", "Start this week: "],
    urgent: &["Interviews are held today.", "Only a few places are left.", "You can start immediately."],
    closings: &[
        "We answer every message.",
        "Tell us who you are.",
        "Everybody is welcome here.",
        "Come and meet the team.",
    ],
    skills: [
        &["rust", "python", "sql", "docker", "kubernetes", "javascript", "aws", "git"],
        &["patient care", "triage", "medication", "first aid", "charting", "wound care", "empathy", "cpr"],
        &["forklift", "inventory", "packing", "driving licence", "route planning", "sap", "loading", "safety"],
        &["customer service", "cash register", "stocking", "merchandising", "sales", "teamwork", "upselling", "pos"],
        &["cooking", "food safety", "reservations", "barista", "housekeeping", "languages", "service", "teamwork"],
        &["autocad", "solidworks", "plc", "project management", "lean", "matlab", "quality", "safety"],
        &["negotiation", "crm", "cold calling", "presentations", "excel", "account management", "leads", "closing"],
        &["accounting", "excel", "reporting", "audit", "taxes", "sap", "payroll", "forecasting"],
    ],
};

static SPANISH: Phrases = Phrases {
    roles: [
        &[
            ("Ingeniero/a de Software", "Diseñarás, construirás y operarás servicios que usan miles de personas."),
            (
                "Desarrollador/a Backend",
                "Escribirás código claro en Rust, revisarás el de tus colegas y publicarás cada semana.",
            ),
            ("Ingeniero/a de Datos", "Convertirás datos en productos con Python y SQL."),
            ("Desarrollador/a Web", "Construirás páginas rápidas que todo el mundo pueda usar."),
        ],
        &[
            ("Enfermero/a", "Atenderás a pacientes, planificarás sus cuidados y hablarás con sus familias."),
            ("Enfermero/a de UCI", "Vigilarás a pacientes críticos con un grupo tranquilo y experto."),
            ("Auxiliar de Enfermería", "Ayudarás a pacientes en planta con las comidas, la higiene y el ejercicio."),
            ("Cuidador/a a Domicilio", "Visitarás a personas mayores y las acompañarás en los días difíciles."),
        ],
        &[
            ("Mozo/a de Almacén", "Prepararás y cargarás pedidos para que salgan a tiempo."),
            ("Carretillero/a", "Moverás palés con cuidado y mantendrás libres los pasillos."),
            ("Repartidor/a", "Conducirás una ruta fija y entregarás paquetes a los clientes."),
            ("Coordinador/a de Logística", "Planificarás existencias y transporte y mantendrás el almacén en marcha."),
        ],
        &[
            ("Dependiente/a", "Atenderás a los clientes, repondrás y ayudarás en la caja."),
            ("Cajero/a", "Llevarás la caja con una palabra amable para cada cliente."),
            ("Asesor/a de Tienda", "Ayudarás a encontrar lo que conviene a cada persona."),
            ("Vendedor/a de Tienda", "Montarás escaparates y harás de la tienda un lugar agradable."),
        ],
        &[
            ("Cocinero/a", "Prepararás platos con producto fresco y mantendrás la cocina en orden."),
            ("Recepcionista de Hotel", "Recibirás a los huéspedes y resolverás sus dudas."),
            ("Camarero/a", "Servirás con una sonrisa en una casa con mucha vida."),
            ("Barista", "Harás buen café y conocerás a la clientela por su nombre."),
        ],
        &[
            ("Ingeniero/a Mecánico/a", "Dibujarás, calcularás y probarás máquinas, de la idea a la producción."),
            ("Ingeniero/a Eléctrico/a", "Diseñarás circuitos y los llevarás hasta las pruebas."),
            ("Ingeniero/a Civil", "Dirigirás proyectos en obra con seguridad y según el plan."),
            ("Ingeniero/a de Procesos", "Mejorarás la línea con mediciones y buen criterio."),
        ],
        &[
            ("Asesor/a Comercial", "Visitarás a clientes, entenderás lo que necesitan y cerrarás acuerdos."),
            ("Ejecutivo/a de Cuentas", "Construirás una cartera de cuentas y la cuidarás."),
            ("Representante de Ventas", "Presentarás nuestros productos y negociarás condiciones."),
            ("Promotor/a Comercial", "Abrirás puertas y darás a conocer la marca."),
        ],
        &[
            ("Contable", "Cerrarás las cuentas, revisarás saldos y prepararás informes."),
            ("Analista Financiero/a", "Analizarás cifras y asesorarás a la dirección."),
            ("Especialista en Nóminas", "Cuidarás de que sueldos e impuestos cuadren al céntimo."),
            ("Analista de Crédito", "Valorarás riesgos y propondrás límites."),
        ],
    ],
    levels: [("", " Junior"), ("", ""), ("", " Sénior"), ("", " Líder de Equipo")],
    place: " en ",
    openings: &[
        "Buscamos a una persona para el puesto de ",
        "Nuestro equipo crece: ",
        "Hay un lugar para ti como ",
        "Crece con gente que se cuida: ",
    ],
    pay: "El salario es de",
    pay_end: "antes de impuestos.",
    remote_title: " (Remoto)",
    remote: &[
        "Puedes trabajar desde casa.",
        "Totalmente remoto, con un equipo que sabe hacerlo.",
        "Teletrabajo desde donde vivas.",
    ],
    benefits: &[
        "Beneficios: seguro médico, vacaciones pagadas y formación.",
        "Ofrecemos seguro de salud, seguro dental y plan de pensiones.",
        "Comida gratuita, días libres y un bono anual forman parte de la oferta.",
    ],
    urgent_titles: &["Contratación inmediata: ", "Urgente: ", "Empieza esta semana: "],
    urgent: &["Las entrevistas son hoy.", "Quedan pocas plazas.", "Puedes incorporarte de inmediato."],
    closings: &[
        "Respondemos a todos los mensajes.",
        "Cuéntanos quién eres.",
        "Aquí cabe todo el mundo.",
        "Ven a conocer al equipo.",
    ],
    skills: [
        &["rust", "python", "sql", "docker", "kubernetes", "javascript", "aws", "git"],
        &["cuidados", "triaje", "medicación", "primeros auxilios", "historias clínicas", "curas", "empatía", "rcp"],
        &["carretilla", "inventario", "embalaje", "carné de conducir", "rutas", "sap", "carga", "prevención"],
        &["atención al cliente", "caja", "reposición", "escaparatismo", "ventas", "equipo", "tpv", "inglés"],
        &["cocina", "manipulador de alimentos", "reservas", "barista", "limpieza", "idiomas", "sala", "equipo"],
        &["autocad", "solidworks", "plc", "gestión de proyectos", "lean", "matlab", "calidad", "prevención"],
        &["negociación", "crm", "llamadas en frío", "presentaciones", "excel", "cuentas", "captación", "cierre"],
        &["contabilidad", "excel", "informes", "auditoría", "impuestos", "sap", "nóminas", "presupuestos"],
    ],
};
