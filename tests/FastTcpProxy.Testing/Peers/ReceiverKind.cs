namespace FastTcpProxy.Testing.Peers;

/// <summary>The real servers that read the PROXY protocol. Immutable.</summary>
public enum ReceiverKind
{
    HAProxy,
    Nginx,
    Apache,
    Dovecot,
    Postfix,
}
