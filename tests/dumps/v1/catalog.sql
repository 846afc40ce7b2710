BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE aliases (
	name VARCHAR(63) NOT NULL, 
	folder VARCHAR(32) NOT NULL, 
	acl JSON NOT NULL, 
	targets JSON NOT NULL, 
	created_at FLOAT NOT NULL, 
	updated_at FLOAT NOT NULL, 
	CONSTRAINT pk_aliases PRIMARY KEY (name), 
	CONSTRAINT fk_aliases_folder FOREIGN KEY(folder) REFERENCES folders (id)
);
CREATE TABLE checkpoint_blobs (
	checkpoint_id VARCHAR(32) NOT NULL, 
	blob VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_checkpoint_blobs PRIMARY KEY (checkpoint_id, blob), 
	CONSTRAINT fk_checkpoint_blobs_checkpoint_id FOREIGN KEY(checkpoint_id) REFERENCES checkpoints (id) ON DELETE CASCADE
);
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','03c4fa261c1447b3ad43869d96a831c466f0f875782b8a7ec10d80f325ca95aa');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','088c023832ef5861462c991584cfcaa306bc71172f58ccf81c3684c2cfb82476');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','09916fca79e8666f5293e3109ca74c067de5a00b72454aa766cbe6bb260fe853');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','0eaa287c83f5b2120fb9b8ab535cc47e8fe6c0074aac5ddd2d7a4ca956e9be52');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','0f4165ed0759d8b4c26b12c978d43e33bf8de7fc486a73f102ac424ee1f5d900');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','0f7525a1087ca26b4a25268e15e08cac8f6fdc3ff2487b059d652168c8330b07');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','0fe4bcc573cfc3976acbcca525323472f53a1b9998e57ad08bab50af711c3646');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','11cbdc092df3e47d1baac8ad2595677fd06f1fe226f72f9ae1c929f1ba24b57a');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','1c4ddb80c78c884fa21ec82c5001bba3a1f06b200ed72b5434cd1ec8447e09a7');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','218b1a164e66cfe2a0b97a205729522c4aedc54ee98aa1d062e7fe9926da0fb5');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','35b5b33eeeefcfa121b8f60c207939ac8ee1241c9c18fcc3903b200198108dd0');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','3bd991a608d2e3b5a0283b19a8cd7f8d5bdaf51e9492952e84486e8c94414deb');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','408debc95897c4d01c820d3e3dc3b0dec93b44d8a1995ef4ccc554d069425e1a');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','46a478eeb8afcd607f4a9fdbe049c87c6ac134155aeee7fb8cbfa479f8bfa279');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','478e8dc10acec99abb130ff329d98377f28917fe39a681a223e24abd917e0de7');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','58e0a2f7c0e88d03332c57054d218a14ea5c2b4a408cc7a5f7780f04298ba981');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','5eeee6fffc5dabc664b80d76c727d3a2c8c85e086e18aa967b97d47819e513bd');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','5f2b3e1ba10f969ee38d75e79ff4c3448368e666e47dc40a678b4c04e080732c');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','61333ce4264a7f3ec7e265a1312e3220a3c4056cc6c739ad3413e27eb72b97f7');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','619c5941f48fc2a923f8ad2b48c23cd624af188cf062fc00a6b5da75770b1588');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','62462b546ab09be53b434e65fe40617c42b23119cd92302de89b53260e727b7c');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','6352d9191c99486faf2a90518580a31cae4a46218b9cbadcdd710126298ec587');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','73dad13692b42475cdb7b60c7fbc19932d7925729ba715b53424cdcbea5970e2');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','81798af89e68143e2763ababd2ea7bf656462d7131aea8a9a87b914c76012679');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','871ae34753c299e781ca5ed6e4d01930584a1e8a033d35b39880e7b99ba19a82');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','91c05498d9bd756ad6b3abeff2fcb44e10b4530af8b23bb6315bb64fc3c5a5d3');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','9350aafa27401f645e8a8d7479603bff45595b59cabc257a525c5d27ffedcbb2');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','973fe0b30d5d85d96e1b57545e454bd569f1a18cd731efa46db0475afdfe4a4c');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','97f78b142df47030db57e077443290fc4f73db87944692d099343cdf5e453838');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','a19aa764b399054993e0a51dd7adaa845a39f196f34498590460bd25b6681c54');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','a24f13e7167141933643066d264435010fc79fc41aa7f8e00cfcf87d02939f8c');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','accd433f11694138bddfb7ae8fc3c0798f3ff6d24e6f611c25b2075826c8f353');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','b4b4753bd83afcb5058e7689e96eee27d344ee92ab72e66a2b8c023f4e368fb5');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','b749f1a59441a80d88a5cc39d61711b22e4bd5f3ea68271dd61d984c3632bb4b');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','c64ac3e87ec48d1f359b8696f5c58296cc15d572d504f6316b290d347cf5a915');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','d2dc7429e50d33e872f78f6ab9078e7f24b9fb117b8007f2a6711706dff1b984');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','d537295fb4680a81740f2014ca47e9445694f356dd18aa2c54c6b875c2ff503c');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','debc8d30eec6b9f847fda920f3b36ceea81538893721a7163e84e882e0a5e29e');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','e2506b2458f6bc1d0d3e19a952710a5834baf7509a6099d6a5991452028aac17');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','e77ea88e7c3f7fb13bf14fdd5bba4efd6ad8e6fe11788a36146a0fd573b71cac');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','e7d001d37de658c5d3c94e92cfcc7afa202d3d89032ee71416f3a77eb543ecb9');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','e9e6b42f9314848159c340087c38a001007ee120ea69a669c571ef1d6d440c79');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','f690c946b716670d88f3bea96a76a9ca11297cb12619592520eccb32b72d6cdd');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','fe2253eace266380973597ea6f3ea5130d7206974877267e17d4ae84a1535b34');
INSERT INTO "checkpoint_blobs" VALUES('wbvh93pa7q0akqo4xlpx','fe75c742a351290b9f2052afd055eb439eaef1161117d929c766a6c5637115b0');
CREATE TABLE checkpoints (
	id VARCHAR(32) NOT NULL, 
	operation VARCHAR(16) NOT NULL, 
	status VARCHAR(8) NOT NULL, 
	kernel_id VARCHAR(64) NOT NULL, 
	msg_id VARCHAR(128), 
	notebook TEXT, 
	cell_id VARCHAR(128), 
	execution_count INTEGER, 
	first_line TEXT NOT NULL, 
	outputs JSON NOT NULL, 
	created_at FLOAT NOT NULL, 
	duration FLOAT NOT NULL, 
	size BIGINT NOT NULL, 
	name VARCHAR(255), 
	pinned_by VARCHAR(255), 
	manifest JSON NOT NULL, 
	CONSTRAINT pk_checkpoints PRIMARY KEY (id), 
	CONSTRAINT uq_checkpoints_name UNIQUE (name)
);
INSERT INTO "checkpoints" VALUES('wbvh93pa7q0akqo4xlpx','Cell run','ok','fff20b9d-5190-443c-bbe7-89eb9cd3b205','9434402606744201bdefa2ee7222c8d4','frozen.ipynb','d53b13f6',3,'result = {','[]',1795855231.22247,8.85353998455684632062e-04,1627934,'frozen-1','8cec719d16434d3b8efad522f688e84f','{"format": 1, "id": "wbvh93pa7q0akqo4xlpx", "kernel_id": "fff20b9d-5190-443c-bbe7-89eb9cd3b205", "msg_id": "9434402606744201bdefa2ee7222c8d4", "cell_id": "d53b13f6", "execution_count": 3, "operation": "Cell run", "status": "ok", "code": "result = {\n    ''total'': total(amounts),\n    ''step'': step(2),\n    ''row'': row.tolist(),\n    ''zeros'': len(zeros),\n    ''shared'': holder[''shared''] is alias,\n}", "created_at": 1795855231.22247, "duration": 0.0008853539984556846, "capture_seconds": 0.02796513900102582, "cwd": "@HOME@", "python": {"executable": "@PYTHON@", "version": "3.11.7", "implementation": "cpython", "path": []}, "cell": {"source": "result = {\n    ''total'': total(amounts),\n    ''step'': step(2),\n    ''row'': row.tolist(),\n    ''zeros'': len(zeros),\n    ''shared'': holder[''shared''] is alias,\n}\n", "reads": ["total", "amounts", "step", "row", "zeros", "holder", "alias"], "free": ["total", "amounts", "step", "row", "zeros", "holder", "alias"], "assigns": ["result"], "last": null, "modules": [], "opaque": false, "flags": 0, "syntax_error": false}, "variables": [{"name": "abc", "kind": "module", "type": "module", "size": 219, "preview": "module abc", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "collections", "kind": "module", "type": "module", "size": 227, "preview": "module collections", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "contextlib", "kind": "module", "type": "module", "size": 226, "preview": "module contextlib", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "dataclasses", "kind": "module", "type": "module", "size": 227, "preview": "module dataclasses", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "enum", "kind": "module", "type": "module", "size": 220, "preview": "module enum", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "functools", "kind": "module", "type": "module", "size": 225, "preview": "module functools", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "random", "kind": "module", "type": "module", "size": 222, "preview": "module random", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "types", "kind": "module", "type": "module", "size": 221, "preview": "module types", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "typing", "kind": "module", "type": "module", "size": 222, "preview": "module typing", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "weakref", "kind": "module", "type": "module", "size": 223, "preview": "module weakref", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "xml", "kind": "module", "type": "module", "size": 241, "preview": "module xml", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "np", "kind": "module", "type": "module", "size": 224, "preview": "module numpy 2.4.6", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "helpers", "kind": "module", "type": "module", "size": 223, "preview": "module helpers", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "numbers", "kind": "data", "type": "list", "size": 378, "preview": "[1, 2.5, (3+4j), True, None, 1000000000000000000000000000000, -1]", "shape": "7", "declared": null, "schema": null, "example": null, "reason": null}, {"name": "texts", "kind": "data", "type": "dict", "size": 278, "preview": "{''\u00e9'': b''bytes'', ''nested'': [({1, 2}, frozenset({3}))]}", "shape": "2", "declared": null, "schema": null, "example": null, "reason": null}, {"name": "shared", "kind": "data", "type": "list", "size": 378, "preview": "[]", "shape": "0", "declared": "list", "schema": {"type": "array"}, "example": [], "reason": null}, {"name": "alias", "kind": "data", "type": "list", "size": 378, "preview": "[]", "shape": "0", "declared": "list", "schema": {"type": "array"}, "example": [], "reason": null}, {"name": "holder", "kind": "data", "type": "dict", "size": 378, "preview": "{''shared'': [], ''numbers'': [1, 2.5, (3+4j), True, None, 1000000000000000000000000000000, -1]}", "shape": "2", "declared": null, "schema": null, "example": null, "reason": null}, {"name": "weights", "kind": "data", "type": "numpy.ndarray", "size": 406, "preview": "array of float64: 0, 1, 2, 3, 4, 5", "shape": "(2, 3)", "declared": "ndarray", "schema": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}, "example": [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], "reason": null}, {"name": "row", "kind": "data", "type": "numpy.ndarray", "size": 406, "preview": "array of float64: 3, 4, 5", "shape": "(3,)", "declared": "ndarray", "schema": {"type": "array", "items": {"type": "number"}}, "example": [3.0, 4.0, 5.0], "reason": null}, {"name": "zeros", "kind": "data", "type": "numpy.ndarray", "size": 1600236, "preview": "array of float64: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \u2026", "shape": "(200000,)", "declared": "ndarray", "schema": {"type": "array", "items": {"type": "number"}}, "example": null, "reason": null}, {"name": "proxy", "kind": "data", "type": "mappingproxy", "size": 278, "preview": "<mappingproxy>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "cell", "kind": "data", "type": "cell", "size": 378, "preview": "<cell>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "kept", "kind": "data", "type": "weakref.ReferenceType", "size": 211, "preview": "<weakref.ReferenceType>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "gone", "kind": "data", "type": "weakref.ReferenceType", "size": 230, "preview": "<weakref.ReferenceType>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "amounts", "kind": "data", "type": "list", "size": 179, "preview": "[2.0, 4.25]", "shape": "2", "declared": "list", "schema": {"type": "array", "items": {"type": "number"}}, "example": [2.0, 4.25], "reason": null}, {"name": "rates", "kind": "data", "type": "dict", "size": 189, "preview": "{''EUR'': 1.0, ''USD'': 1.25}", "shape": "2", "declared": "dict", "schema": {"type": "object", "properties": {"EUR": {"type": "number"}, "USD": {"type": "number"}}, "required": ["EUR", "USD"]}, "example": {"EUR": 1.0, "USD": 1.25}, "reason": null}, {"name": "Price", "kind": "class", "type": "type", "size": 1457, "preview": "class Price", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "Shape", "kind": "class", "type": "abc.ABCMeta", "size": 627, "preview": "class Shape(abc.ABC)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "make", "kind": "function", "type": "function", "size": 693, "preview": "def make()", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "color", "kind": "data", "type": "make.<locals>.Color", "size": 838, "preview": "<make.<locals>.Color>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "counter", "kind": "function", "type": "function", "size": 625, "preview": "def counter(start)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "step", "kind": "function", "type": "function", "size": 529, "preview": "def step(by)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "squared", "kind": "function", "type": "functools._lru_cache_wrapper", "size": 517, "preview": "def squared(x)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "kind", "kind": "function", "type": "function", "size": 667, "preview": "def kind()", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "held", "kind": "function", "type": "function", "size": 972, "preview": "def held()", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "Dice", "kind": "class", "type": "type", "size": 366, "preview": "class Dice(random.Random)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "dice", "kind": "data", "type": "Dice", "size": 4036, "preview": "<Dice>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "Failed", "kind": "class", "type": "type", "size": 750, "preview": "class Failed(Exception)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "failed", "kind": "data", "type": "Failed", "size": 342, "preview": "<Failed>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "Point", "kind": "class", "type": "type", "size": 4092, "preview": "class Point", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "point", "kind": "data", "type": "Point", "size": 563, "preview": "<Point>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "price", "kind": "data", "type": "Price", "size": 285, "preview": "<Price>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "attributes", "kind": "data", "type": "dict", "size": 285, "preview": "{''amount'': 5}", "shape": "1", "declared": "dict", "schema": {"type": "object", "properties": {"amount": {"type": "integer"}}, "required": ["amount"]}, "example": {"amount": 5}, "reason": null}, {"name": "bound", "kind": "function", "type": "method", "size": 563, "preview": "<lambda>(\u2026)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "dead_method", "kind": "data", "type": "weakref.WeakMethod", "size": 234, "preview": "<weakref.WeakMethod>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "T", "kind": "data", "type": "typing.TypeVar", "size": 282, "preview": "<typing.TypeVar>", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "total", "kind": "function", "type": "function", "size": 847, "preview": "def total(amounts)", "shape": null, "declared": null, "schema": null, "example": null, "reason": null}, {"name": "result", "kind": "data", "type": "dict", "size": 246, "preview": "{''total'': 5.0, ''step'': 42, ''row'': [3.0, 4.0, 5.0], ''zeros'': 200000, ''shared'': True}", "shape": "5", "declared": "dict", "schema": {"type": "object", "properties": {"total": {"type": "number"}, "step": {"type": "integer"}, "row": {"type": "array", "items": {"type": "number"}}, "zeros": {"type": "integer"}, "shared": {"type": "boolean"}}, "required": ["total", "step", "row", "zeros", "shared"]}, "example": {"total": 5.0, "step": 42, "row": [3.0, 4.0, 5.0], "zeros": 200000, "shared": true}, "reason": null}], "groups": [{"names": ["abc"], "pickle": "62462b546ab09be53b434e65fe40617c42b23119cd92302de89b53260e727b7c", "buffers": [], "size": 219, "uses": [], "modules": ["abc"]}, {"names": ["collections"], "pickle": "97f78b142df47030db57e077443290fc4f73db87944692d099343cdf5e453838", "buffers": [], "size": 227, "uses": [], "modules": ["collections"]}, {"names": ["contextlib"], "pickle": "61333ce4264a7f3ec7e265a1312e3220a3c4056cc6c739ad3413e27eb72b97f7", "buffers": [], "size": 226, "uses": [], "modules": ["contextlib"]}, {"names": ["dataclasses"], "pickle": "3bd991a608d2e3b5a0283b19a8cd7f8d5bdaf51e9492952e84486e8c94414deb", "buffers": [], "size": 227, "uses": [], "modules": ["dataclasses"]}, {"names": ["enum"], "pickle": "b749f1a59441a80d88a5cc39d61711b22e4bd5f3ea68271dd61d984c3632bb4b", "buffers": [], "size": 220, "uses": [], "modules": ["enum"]}, {"names": ["functools"], "pickle": "b4b4753bd83afcb5058e7689e96eee27d344ee92ab72e66a2b8c023f4e368fb5", "buffers": [], "size": 225, "uses": [], "modules": ["functools"]}, {"names": ["random"], "pickle": "35b5b33eeeefcfa121b8f60c207939ac8ee1241c9c18fcc3903b200198108dd0", "buffers": [], "size": 222, "uses": [], "modules": ["random"]}, {"names": ["types"], "pickle": "9350aafa27401f645e8a8d7479603bff45595b59cabc257a525c5d27ffedcbb2", "buffers": [], "size": 221, "uses": [], "modules": ["types"]}, {"names": ["typing"], "pickle": "5f2b3e1ba10f969ee38d75e79ff4c3448368e666e47dc40a678b4c04e080732c", "buffers": [], "size": 222, "uses": [], "modules": ["typing"]}, {"names": ["weakref"], "pickle": "e2506b2458f6bc1d0d3e19a952710a5834baf7509a6099d6a5991452028aac17", "buffers": [], "size": 223, "uses": [], "modules": ["weakref"]}, {"names": ["xml"], "pickle": "088c023832ef5861462c991584cfcaa306bc71172f58ccf81c3684c2cfb82476", "buffers": [], "size": 241, "uses": [], "modules": ["xml"]}, {"names": ["np"], "pickle": "871ae34753c299e781ca5ed6e4d01930584a1e8a033d35b39880e7b99ba19a82", "buffers": [], "size": 224, "uses": [], "modules": ["numpy"]}, {"names": ["helpers"], "pickle": "73dad13692b42475cdb7b60c7fbc19932d7925729ba715b53424cdcbea5970e2", "buffers": [], "size": 223, "uses": [], "modules": ["helpers"]}, {"names": ["rates"], "pickle": "1c4ddb80c78c884fa21ec82c5001bba3a1f06b200ed72b5434cd1ec8447e09a7", "buffers": [], "size": 189, "uses": [], "modules": []}, {"names": ["Price"], "pickle": "e77ea88e7c3f7fb13bf14fdd5bba4efd6ad8e6fe11788a36146a0fd573b71cac", "buffers": [], "size": 1457, "uses": ["rates"], "modules": ["functools"]}, {"names": ["Shape"], "pickle": "a19aa764b399054993e0a51dd7adaa845a39f196f34498590460bd25b6681c54", "buffers": [], "size": 627, "uses": [], "modules": ["abc"]}, {"names": ["make"], "pickle": "0f7525a1087ca26b4a25268e15e08cac8f6fdc3ff2487b059d652168c8330b07", "buffers": [], "size": 693, "uses": ["__name__", "enum"], "modules": []}, {"names": ["counter"], "pickle": "fe75c742a351290b9f2052afd055eb439eaef1161117d929c766a6c5637115b0", "buffers": [], "size": 625, "uses": [], "modules": []}, {"names": ["step"], "pickle": "e9e6b42f9314848159c340087c38a001007ee120ea69a669c571ef1d6d440c79", "buffers": [], "size": 529, "uses": [], "modules": []}, {"names": ["squared"], "pickle": "6352d9191c99486faf2a90518580a31cae4a46218b9cbadcdd710126298ec587", "buffers": [], "size": 517, "uses": [], "modules": []}, {"names": ["kind"], "pickle": "d2dc7429e50d33e872f78f6ab9078e7f24b9fb117b8007f2a6711706dff1b984", "buffers": [], "size": 667, "uses": [], "modules": []}, {"names": ["held"], "pickle": "09916fca79e8666f5293e3109ca74c067de5a00b72454aa766cbe6bb260fe853", "buffers": [], "size": 972, "uses": [], "modules": ["contextlib"]}, {"names": ["Dice"], "pickle": "91c05498d9bd756ad6b3abeff2fcb44e10b4530af8b23bb6315bb64fc3c5a5d3", "buffers": [], "size": 366, "uses": [], "modules": ["random"]}, {"names": ["Failed"], "pickle": "0fe4bcc573cfc3976acbcca525323472f53a1b9998e57ad08bab50af711c3646", "buffers": [], "size": 750, "uses": ["super"], "modules": []}, {"names": ["Point"], "pickle": "619c5941f48fc2a923f8ad2b48c23cd624af188cf062fc00a6b5da75770b1588", "buffers": [], "size": 4092, "uses": ["NotImplemented", "hash", "super", "type"], "modules": ["dataclasses"]}, {"names": ["T"], "pickle": "fe2253eace266380973597ea6f3ea5130d7206974877267e17d4ae84a1535b34", "buffers": [], "size": 282, "uses": [], "modules": ["typing"]}, {"names": ["total"], "pickle": "46a478eeb8afcd607f4a9fdbe049c87c6ac134155aeee7fb8cbfa479f8bfa279", "buffers": [], "size": 847, "uses": ["Price", "helpers", "sum"], "modules": []}, {"names": ["numbers", "shared", "alias", "holder", "cell"], "pickle": "d537295fb4680a81740f2014ca47e9445694f356dd18aa2c54c6b875c2ff503c", "buffers": [], "size": 378, "uses": [], "modules": []}, {"names": ["texts", "proxy"], "pickle": "03c4fa261c1447b3ad43869d96a831c466f0f875782b8a7ec10d80f325ca95aa", "buffers": [], "size": 278, "uses": [], "modules": []}, {"names": ["weights", "row"], "pickle": "f690c946b716670d88f3bea96a76a9ca11297cb12619592520eccb32b72d6cdd", "buffers": [], "size": 406, "uses": [], "modules": ["numpy"]}, {"names": ["zeros"], "pickle": "11cbdc092df3e47d1baac8ad2595677fd06f1fe226f72f9ae1c929f1ba24b57a", "buffers": ["58e0a2f7c0e88d03332c57054d218a14ea5c2b4a408cc7a5f7780f04298ba981"], "size": 1600236, "uses": [], "modules": ["numpy"]}, {"names": ["kept"], "pickle": "a24f13e7167141933643066d264435010fc79fc41aa7f8e00cfcf87d02939f8c", "buffers": [], "size": 211, "uses": [], "modules": ["weakref"]}, {"names": ["gone"], "pickle": "c64ac3e87ec48d1f359b8696f5c58296cc15d572d504f6316b290d347cf5a915", "buffers": [], "size": 230, "uses": [], "modules": []}, {"names": ["amounts"], "pickle": "973fe0b30d5d85d96e1b57545e454bd569f1a18cd731efa46db0475afdfe4a4c", "buffers": [], "size": 179, "uses": [], "modules": []}, {"names": ["color"], "pickle": "408debc95897c4d01c820d3e3dc3b0dec93b44d8a1995ef4ccc554d069425e1a", "buffers": [], "size": 838, "uses": [], "modules": ["enum"]}, {"names": ["dice"], "pickle": "0eaa287c83f5b2120fb9b8ab535cc47e8fe6c0074aac5ddd2d7a4ca956e9be52", "buffers": [], "size": 4036, "uses": ["Dice"], "modules": []}, {"names": ["failed"], "pickle": "accd433f11694138bddfb7ae8fc3c0798f3ff6d24e6f611c25b2075826c8f353", "buffers": [], "size": 342, "uses": ["Failed"], "modules": []}, {"names": ["point", "bound"], "pickle": "478e8dc10acec99abb130ff329d98377f28917fe39a681a223e24abd917e0de7", "buffers": [], "size": 563, "uses": ["Point"], "modules": []}, {"names": ["price", "attributes"], "pickle": "0f4165ed0759d8b4c26b12c978d43e33bf8de7fc486a73f102ac424ee1f5d900", "buffers": [], "size": 285, "uses": ["Price"], "modules": []}, {"names": ["dead_method"], "pickle": "debc8d30eec6b9f847fda920f3b36ceea81538893721a7163e84e882e0a5e29e", "buffers": [], "size": 234, "uses": [], "modules": []}, {"names": ["result"], "pickle": "81798af89e68143e2763ababd2ea7bf656462d7131aea8a9a87b914c76012679", "buffers": [], "size": 246, "uses": [], "modules": []}, {"names": ["helpers.digits"], "pickle": "5eeee6fffc5dabc664b80d76c727d3a2c8c85e086e18aa967b97d47819e513bd", "buffers": [], "size": 34, "uses": [], "modules": []}], "random": "218b1a164e66cfe2a0b97a205729522c4aedc54ee98aa1d062e7fe9926da0fb5", "files": [{"module": "helpers", "path": "helpers.py", "blob": "e7d001d37de658c5d3c94e92cfcc7afa202d3d89032ee71416f3a77eb543ecb9", "edited": false, "changed": []}], "excluded": [], "amends": false}');
CREATE TABLE folders (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(63) NOT NULL, 
	created_at FLOAT NOT NULL, 
	CONSTRAINT pk_folders PRIMARY KEY (id), 
	CONSTRAINT uq_folders_name UNIQUE (name)
);
INSERT INTO "folders" VALUES('vmtz8qnviocuhi27obon','default',1.79585523307712078091e+09);
CREATE TABLE nodes (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(63) NOT NULL, 
	type VARCHAR(8) NOT NULL, 
	description TEXT NOT NULL, 
	folder VARCHAR(32) NOT NULL, 
	acl JSON NOT NULL, 
	desired VARCHAR(16) NOT NULL, 
	revision INTEGER NOT NULL, 
	active_revision INTEGER, 
	status VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	updated_at FLOAT NOT NULL, 
	created_by VARCHAR(255), 
	CONSTRAINT pk_nodes PRIMARY KEY (id), 
	CONSTRAINT fk_nodes_folder FOREIGN KEY(folder) REFERENCES folders (id), 
	CONSTRAINT uq_nodes_name UNIQUE (name)
);
INSERT INTO "nodes" VALUES('zx6v6f2j0vnqngslbk0k','frozen','cell','','vmtz8qnviocuhi27obon','["vmtz8qnviocuhi27obon"]','running',1,1,'PREPARING','It was stopped together with the Jupyter server, and starts again with it.{"reason": "STOPPED_WITH_SERVER", "template": "It was stopped together with the Jupyter server, and starts again with it.", "metadata": {}}',1.7958552334882493019e+09,1.79585523553438663481e+09,'9487af30d46448deae8b59c661dba61f');
CREATE TABLE revisions (
	node_id VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	spec JSON NOT NULL, 
	checkpoint_id VARCHAR(32), 
	bundled BOOLEAN NOT NULL, 
	reason TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	CONSTRAINT pk_revisions PRIMARY KEY (node_id, number), 
	CONSTRAINT fk_revisions_node_id FOREIGN KEY(node_id) REFERENCES nodes (id) ON DELETE CASCADE
);
INSERT INTO "revisions" VALUES('zx6v6f2j0vnqngslbk0k',1,'{"cell": {"isolation": "auto", "random_state": "fresh", "workers": null, "concurrency": 1, "timeout": 60.0, "queue": 64, "queue_timeout": null, "memory_limit": null, "response_limit": 16777216, "allow_nan": false, "show_traceback": true, "response": null, "checkpoint": "wbvh93pa7q0akqo4xlpx", "inputs": [{"name": "amounts", "type": "list", "description": "", "required": true, "schema": {"type": "array", "items": {"type": "number"}}}], "outputs": [{"name": "result", "type": "dict", "description": "", "required": true, "schema": {"type": "object", "properties": {"total": {"type": "number"}, "step": {"type": "integer"}, "row": {"type": "array", "items": {"type": "number"}}, "zeros": {"type": "integer"}, "shared": {"type": "boolean"}}, "required": ["total", "step", "row", "zeros", "shared"]}}], "requirements": ["numpy==2.4.6"], "files": [], "carry": [], "leave_out": [], "image": null, "env": [], "egress": false}, "docker": null, "provisioning": {"configuration": "c1.4", "instances": 1, "zones": [], "maintenance_limit": 1}, "python": "@PYTHON@", "isolation": {"chosen": "request", "reason": "the cell changes ''step'' in place"}}','wbvh93pa7q0akqo4xlpx',1,'',1.79585523348813462258e+09);
CREATE TABLE secrets (
	name VARCHAR(63) NOT NULL, 
	folder VARCHAR(32) NOT NULL, 
	ciphertext BLOB NOT NULL, 
	created_at FLOAT NOT NULL, 
	updated_at FLOAT NOT NULL, 
	CONSTRAINT fk_secrets_folder FOREIGN KEY(folder) REFERENCES folders (id), 
	CONSTRAINT uq_secrets_folder UNIQUE (folder, name)
);
CREATE TABLE tokens (
	id VARCHAR(32) NOT NULL, 
	folder VARCHAR(32) NOT NULL, 
	description TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	revoked_at FLOAT, 
	CONSTRAINT pk_tokens PRIMARY KEY (id), 
	CONSTRAINT fk_tokens_folder FOREIGN KEY(folder) REFERENCES folders (id)
);
CREATE INDEX ix_checkpoints_created_at ON checkpoints (created_at);
CREATE INDEX ix_checkpoint_blobs_blob ON checkpoint_blobs (blob);
COMMIT;
