// What ThreadSanitizer cannot see: libstdc++ counts the references of an exception in code that is
// not instrumented. So the last std::exception_ptr that lets go of an exception seems to race with
// those who read it through theirs. Nothing else is passed over.
extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return "race:std::__exception_ptr::exception_ptr::_M_release\n"
         "race:std::runtime_error::~runtime_error\n"
         "race:std::logic_error::~logic_error\n";
}
