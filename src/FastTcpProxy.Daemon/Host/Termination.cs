using System.Runtime.InteropServices;

namespace FastTcpProxy.Daemon.Host;

/// <summary>
/// The signals that concern the process: SIGTERM or SIGINT asks for a drain, a later one ends at once (<see cref="EndSignals"/>), SIGHUP
/// reloads. Made before anything else is done: a SIGHUP that arrives during the start is remembered. The handlers run on the runtime's
/// signal thread and only complete tasks. Owns the registrations. The runtime itself ignores SIGPIPE.
/// </summary>
/// <remarks>
/// A signal that the process was started with as ignored stays ignored by the runtime, whatever code registers for it. SIGHUP and SIGTERM
/// are handled nevertheless: nohup(1) means that the end of a terminal must not end the process, and it does not; an operator's reload and
/// a service manager's end must reach it. An ignored SIGINT stays ignored, because shells set that for background jobs. A signal that was
/// blocked (sigprocmask(2) is inherited too) would wait for ever, so all three are unblocked. No shell blocks one on purpose; some
/// supervisors do, and forget it.
/// </remarks>
internal sealed unsafe partial class Termination : IDisposable
{
    private const int HangUp = 1, Interrupt = 2, Terminate = 15;
    private const int UnblockSignals = 1;
    private const nint Ignore = 1;

    private readonly EndSignals _ends = new(TimeProvider.System);
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Lock _hanging = new();
    private Action? _hangUp;
    private bool _hungUp;

    public Termination()
    {
        Unignore(HangUp);
        Unignore(Terminate);
        _registrations =
        [
            // First, because its default ends the process.
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
            {
                context.Cancel = true;
                OnHangUp();
            }),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Ask(context, "SIGTERM")),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Ask(context, "SIGINT")),
        ];
        Unblock();
    }

    /// <summary>Completes with the name of the first signal that asks for the end.</summary>
    public Task<string> First => _ends.First;

    /// <summary>Completes with the name of the signal that asks for it again.</summary>
    public Task<string> Second => _ends.Second;

    /// <summary>Registers a call for each SIGHUP, on the signal thread; called at once when one has already arrived.</summary>
    public void ReloadBy(Action reload)
    {
        bool late;
        lock (_hanging)
        {
            _hangUp = reload;
            late = _hungUp;
        }
        if (late) reload();
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
    }

    private void OnHangUp()
    {
        Action? reload;
        lock (_hanging)
        {
            reload = _hangUp;
            _hungUp |= reload is null;
        }
        reload?.Invoke();
    }

    private void Ask(PosixSignalContext context, string name)
    {
        context.Cancel = true;
        _ends.Take(name);
    }

    /// <summary>
    /// Where the signal is ignored, gives it a handler that does nothing: then the runtime takes it. Not its default, which would end the
    /// process until the runtime has it; and not a method of ours, which must not be entered at any moment. abs(3) may be called by a
    /// signal, and takes what a handler takes.
    /// </summary>
    private static void Unignore(int signal)
    {
        // struct sigaction begins with the handler; there is room for the largest.
        nint* action = stackalloc nint[64];
        if (sigaction(signal, null, action) != 0 || *action != Ignore) return;
        _ = SetHandler(signal, NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "abs"));
    }

    /// <summary>
    /// Unblocks the signals on this thread, the main one, which stays until the exit. That suffices for signals to the process (signal(7)).
    /// Done after they are registered, because one may be pending.
    /// </summary>
    private static void Unblock()
    {
        // sigset_t, of glibc and of musl.
        ulong* signals = stackalloc ulong[16];
        if (sigemptyset(signals) != 0) return;
        foreach (int signal in (ReadOnlySpan<int>)[HangUp, Interrupt, Terminate]) _ = sigaddset(signals, signal);
        _ = pthread_sigmask(UnblockSignals, signals, null);
    }

    [LibraryImport("libc")]
    private static partial int sigemptyset(void* signals);

    [LibraryImport("libc")]
    private static partial int sigaddset(void* signals, int signal);

    [LibraryImport("libc")]
    private static partial int pthread_sigmask(int how, void* change, void* before);

    [LibraryImport("libc")]
    private static partial int sigaction(int signal, void* change, void* before);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);
}
