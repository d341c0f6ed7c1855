namespace FastTcpProxy.Engine.Listening;

/// <summary>An address could not be listened on. The message names the address, the cause, and what to do.</summary>
public sealed class BindException : Exception
{
    public BindException(string message)
        : base(message)
    {
    }

    public BindException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public BindException()
    {
    }
}
