# The files that the binary carries: embed(NAME FILE), a line each.
embed(payloads probes/corpus/payloads.json)
embed(guard_schema configs/schema/guard.schema.json)
embed(entities probes/corpus/entities.json)
embed(plan_schema configs/schema/plan.schema.json)
embed(demo_guard configs/demo/guard.yaml)
embed(demo_plan configs/demo/plan.yaml)
embed(demo_plan_without_document configs/demo/plan-without-document.yaml)
embed(openapi configs/schema/openapi.yaml)
