namespace FastTcpProxy.Testing.Processes;

/// <summary>The signals that the tests send, with Linux's numbers (signal(7), x86 and ARM). Immutable.</summary>
public enum UnixSignal
{
    Hangup = 1,
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}
