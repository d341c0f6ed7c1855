namespace FastTcpProxy.Control.Overrides.Storage;

/// <summary>
/// The state file cannot be read, while the running process continues and has what it holds. The message names the file and the error, and
/// says what to do.
/// </summary>
public sealed class StateUnreadableException : Exception
{
    public StateUnreadableException(string message)
        : base(message)
    {
    }

    public StateUnreadableException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public StateUnreadableException()
    {
    }
}
