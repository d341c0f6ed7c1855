namespace FastTcpProxy.Control.Configuration;

/// <summary>HTTP status codes from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
public readonly record struct StatusRange(short First, short Last)
{
    public bool Contains(int status) => status >= First && status <= Last;
}
