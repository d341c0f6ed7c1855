namespace FastTcpProxy.Daemon.Cli.Client;

/// <summary>How a running proxy is reached, and what went wrong where it is not. One request at a time.</summary>
internal abstract class AdminTransport
{
    /// <summary>Where, for messages: a path or a URL.</summary>
    public abstract string Name { get; }

    /// <summary>What comes before the target of a request.</summary>
    public abstract string Origin { get; }

    /// <summary>Makes the connections. The caller owns it.</summary>
    public abstract SocketsHttpHandler MakeHandler();

    /// <summary>Adds the fields by which the proxy knows who asks.</summary>
    public abstract void Identify(HttpRequestMessage request);

    /// <summary>Why the proxy did not let this client in; null: another status.</summary>
    public virtual string? ExplainStatus(int status) => null;

    /// <summary>Why no answer came.</summary>
    public abstract string Explain(HttpRequestException error);

    /// <summary>Why no answer may have come in time.</summary>
    public abstract string Silence { get; }

    /// <summary>Whether no process is there to answer.</summary>
    public abstract bool IsNoServer(HttpRequestException error);

    /// <summary>What no connection can do without.</summary>
    protected static SocketsHttpHandler Handler() => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
    };

    /// <summary>What is said of an answer that cannot be used, however it came.</summary>
    protected static string ExplainAnswer(HttpRequestException error) => error switch
    {
        { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
            "the head of the answer is too long; is this a fasttcpproxy?",
        { HttpRequestError: HttpRequestError.ResponseEnded } or { InnerException: IOException } =>
            "the connection was closed without an answer: the proxy is exiting, or has as many connections as it may have; try again",
        _ => error.Message,
    };
}
