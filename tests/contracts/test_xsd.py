"""XSD violations read as short French sentences, at the right place, and schemas never leave their folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import xsd
from contracts.xml import parse

XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
SCHEMA = f"""<xs:schema {XS}>
 <xs:element name="r"><xs:complexType><xs:sequence>
  <xs:element name="a" minOccurs="0"><xs:complexType><xs:attribute name="V" use="required">
   <xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[0-9]{{14}}"/></xs:restriction></xs:simpleType>
  </xs:attribute></xs:complexType></xs:element>
  <xs:element name="d" type="xs:date" minOccurs="0"/>
  <xs:element name="e" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
   <xs:enumeration value="Oui"/><xs:enumeration value="Non"/></xs:restriction></xs:simpleType></xs:element>
  <xs:element name="l" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
   <xs:minLength value="1"/><xs:maxLength value="3"/></xs:restriction></xs:simpleType></xs:element>
  <xs:element name="n" minOccurs="0" maxOccurs="unbounded"><xs:simpleType><xs:restriction base="xs:decimal">
   <xs:minInclusive value="1"/><xs:maxInclusive value="99"/><xs:fractionDigits value="2"/>
   </xs:restriction></xs:simpleType></xs:element>
 </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "essai.xsd"
    path.write_text(SCHEMA, "utf-8")
    return path


def said(schema: Path, body: str) -> list[tuple[str, int | None, str]]:
    return [(e.path, e.line, e.message) for e in xsd.errors(schema, parse(body.encode()))]


@pytest.mark.parametrize(
    ("body", "path", "message"),
    [
        (
            "<r><a V='123'/></r>",
            "/r/a",
            "« a » (attribut V) : la valeur « 123 » n'a pas la forme attendue : 14 chiffres.",
        ),
        ("<r><a/></r>", "/r/a", "« a » : l'attribut V est obligatoire et absent."),
        ("<r><a V='12345678901234' W='1'/></r>", "/r/a", "« a » (attribut W) : l'attribut W n'est pas permis."),
        ("<r><d>2026-02-30</d></r>", "/r/d", "« d » : « 2026-02-30 » n'est pas une valeur du type date (AAAA-MM-JJ)."),
        ("<r><e>oui</e></r>", "/r/e", "« e » : la valeur « oui » n'est pas dans la liste permise : 'Oui', 'Non'."),
        ("<r><l/></r>", "/r/l", "« l » : la valeur a 0 caractère(s), le minimum est 1."),
        ("<r><l>abcd</l></r>", "/r/l", "« l » : la valeur a 4 caractères, le maximum est 3."),
        ("<r><n>0</n></r>", "/r/n", "« n » : la valeur 0 est trop petite, le minimum est 1."),
        ("<r><n>100</n></r>", "/r/n", "« n » : la valeur 100 est trop grande, le maximum est 99."),
        ("<r><n>1</n><n>1.234</n></r>", "/r/n[2]", "« n » : la valeur 1.234 a trop de décimales, le maximum est 2."),
        ("<r><x/></r>", "/r/x", "« x » : cet élément n'est pas attendu ici, attendu : a, d, e, l, n."),
        ("<r>texte</r>", "/r", "« r » : un texte n'est pas permis dans cet élément."),
        ("<s/>", "/s", "« s » : la racine du document n'est pas celle du contrat (nom ou espace de noms)."),
    ],
)
def test_a_violation_says_where_what_and_what_is_wanted(schema: Path, body: str, path: str, message: str) -> None:
    assert said(schema, body) == [(path, 1, message)]


def test_every_violation_comes_with_its_own_line(schema: Path) -> None:
    body = "<r>\n<d>x</d>\n<e>x</e>\n</r>"
    assert [(path, line) for path, line, _ in said(schema, body)] == [("/r/d", 2), ("/r/e", 3)]


def test_a_long_list_of_faults_stops_early_and_leaves_the_document_as_it_was(schema: Path) -> None:
    body = b"<r>" + b"<n>0</n>" * 50_000 + b"</r>"
    tree = parse(body)
    found = list(xsd.errors(schema, tree))
    assert 1000 < len(found) < 10_000
    assert found[-1].path == f"/r/n[{len(found)}]"
    assert len(tree.getroot()) == 50_000


def test_one_fault_in_a_long_list_is_found_at_its_rank(schema: Path) -> None:
    body = b"<r>" + b"<n>1</n>" * 9_999 + b"<n>0</n></r>"
    assert [error.path for error in xsd.errors(schema, parse(body))] == ["/r/n[10000]"]


@pytest.mark.parametrize("location", ["http://exemple.invalid/x.xsd", "../voisin.xsd", "absent.xsd"])
def test_a_schema_that_points_out_of_its_folder_is_refused(tmp_path: Path, location: str) -> None:
    folder = tmp_path / "contrat"
    folder.mkdir()
    (tmp_path / "voisin.xsd").write_text(SCHEMA, "utf-8")
    path = folder / "principal.xsd"
    path.write_text(f'<xs:schema {XS}><xs:include schemaLocation="{location}"/></xs:schema>', "utf-8")
    with pytest.raises(xsd.SchemaBroken, match="not a file of the contract's folder"):
        xsd.compiled(path)


def test_a_schema_may_include_another_of_its_folder(tmp_path: Path, schema: Path) -> None:
    path = tmp_path / "principal.xsd"
    path.write_text(f'<xs:schema {XS}><xs:include schemaLocation="{schema.name}"/></xs:schema>', "utf-8")
    assert said(path, "<r/>") == []


@pytest.mark.parametrize("text", ["<xs:schema", f'<xs:schema {XS}><xs:element name="r" type="Absent"/></xs:schema>'])
def test_a_schema_that_does_not_compile_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "faux.xsd"
    path.write_text(text, "utf-8")
    with pytest.raises(xsd.SchemaBroken, match=r"faux\.xsd"):
        xsd.compiled(path)
