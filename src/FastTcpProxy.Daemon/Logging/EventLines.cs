namespace FastTcpProxy.Daemon.Logging;

/// <summary>Gives each event on as a line of text. Any thread; it keeps nothing.</summary>
/// <param name="write">Takes a line, from any thread.</param>
internal sealed class EventLines(Action<string> write) : IEventSink
{
    public void Take(OperationalEvent published) => write(EventFormat.Line(published));
}
