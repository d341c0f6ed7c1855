namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// The receivers that a class of tests shares: each is started when the first test asks for it, because some take a second.
/// Any thread, though a receiver answers one test at a time; it owns them all and disposes of them at the class's end.
/// </summary>
public sealed class Receivers : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ReceiverKind, Task<IReceiver>> _started = [];

    /// <summary>The running receiver. Skips the test when the program is not installed.</summary>
    public Task<IReceiver> GetAsync(ReceiverKind kind)
    {
        RequiresPeer.Receiver(kind);
        lock (_gate)
        {
            // One that failed to start fails each of its tests with the same text, instead of taking the start's time for each.
            if (!_started.TryGetValue(kind, out var receiver))
                _started[kind] = receiver = StartAsync(kind);
            return receiver;
        }
    }

    public void Dispose()
    {
        foreach (var receiver in _started.Values)
        {
            if (receiver.IsCompletedSuccessfully)
                receiver.Result.Dispose();
        }
    }

    private static async Task<IReceiver> StartAsync(ReceiverKind kind) => kind switch
    {
        ReceiverKind.HAProxy => await HAProxyReceiver.StartAsync(),
        ReceiverKind.Nginx => await NginxReceiver.StartAsync(),
        ReceiverKind.Apache => await ApacheReceiver.StartAsync(),
        ReceiverKind.Dovecot => await DovecotReceiver.StartAsync(),
        ReceiverKind.Postfix => await PostfixReceiver.StartAsync(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such receiver"),
    };
}
