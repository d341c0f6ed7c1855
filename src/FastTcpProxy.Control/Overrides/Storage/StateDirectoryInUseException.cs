namespace FastTcpProxy.Control.Overrides.Storage;

/// <summary>Another process has the state directory. The message names both, and says what to do.</summary>
public sealed class StateDirectoryInUseException : Exception
{
    public StateDirectoryInUseException(string message)
        : base(message)
    {
    }

    public StateDirectoryInUseException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public StateDirectoryInUseException()
    {
    }
}
