using System.Runtime.InteropServices;

namespace FastTcpProxy.Daemon.Running;

/// <summary>
/// The signals that concern the process: the first SIGTERM or SIGINT asks for a drain, the second ends at once, SIGHUP is survived.
/// The handlers run on the runtime's signal thread and only complete tasks. Owns the registrations. SIGPIPE the runtime ignores by itself.
/// </summary>
internal sealed class Termination : IDisposable
{
    private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _second = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="hangUp">Called for each SIGHUP, on the signal thread.</param>
    public Termination(Action hangUp)
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Ask(context, "SIGTERM")),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Ask(context, "SIGINT")),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
            {
                context.Cancel = true;
                hangUp();
            }),
        ];
    }

    /// <summary>Completes with the name of the first signal that asks for the end.</summary>
    public Task<string> First => _first.Task;

    /// <summary>Completes with the name of the second.</summary>
    public Task<string> Second => _second.Task;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
    }

    private void Ask(PosixSignalContext context, string name)
    {
        context.Cancel = true;
        if (!_first.TrySetResult(name)) _second.TrySetResult(name);
    }
}
