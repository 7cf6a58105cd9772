// dash-serve as a sink, and with --pass as a filter.
#pragma once
#include "dashboard.hpp"
#include "pipeline/filter.hpp"
#include "pipeline/sink.hpp"

namespace weir::dash_serve {

/// The sink: records end here.
class DashSink : public Sink {
 public:
  explicit DashSink(Dashboard& dashboard) : dashboard_(dashboard) {}
  const FieldSet& fields() const override { return dashboard_.fields(); }
  FutureGuard* future_guard() override { return &dashboard_.guard(); }
  Verdict on_record(const Record& record) override { return dashboard_.take(record); }
  void on_unusable() override { dashboard_.count_rejected(); }
  std::vector<NamedField> named_fields() const override { return dashboard_.named_fields(); }
  std::vector<RecordMessage>* messages() override { return &dashboard_.messages(); }
  CountReport counts() const override { return dashboard_.counts(); }
  void on_pause(InputFlow) override { dashboard_.pause(); }
  bool finish() override { return true; }

 private:
  Dashboard& dashboard_;
};

/// The filter: records are passed on unchanged.
class DashFilter : public Filter {
 public:
  explicit DashFilter(Dashboard& dashboard) : dashboard_(dashboard) {}
  const FieldSet& fields() const override { return dashboard_.fields(); }
  FutureGuard* future_guard() override { return &dashboard_.guard(); }
  Verdict on_record(const Record& record, Output& out) override {
    Verdict verdict = dashboard_.take(record);
    out.messages.swap(dashboard_.messages());
    if (verdict.rejected()) return verdict;
    (out.lines += record.line()) += '\n';
    return verdict;
  }
  void on_unusable() override { dashboard_.count_rejected(); }
  std::vector<NamedField> named_fields() const override { return dashboard_.named_fields(); }
  CountReport counts() const override { return dashboard_.counts(); }
  void on_pause(InputFlow) override { dashboard_.pause(); }
  void state(StateArchive&) override {}

 private:
  Dashboard& dashboard_;
};

}  // namespace weir::dash_serve
