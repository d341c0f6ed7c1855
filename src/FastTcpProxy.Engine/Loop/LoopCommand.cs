namespace FastTcpProxy.Engine.Loop;

/// <summary>Something to do once inside a loop: how the rest of the program reaches it. Cold path; used once.</summary>
internal sealed class LoopCommand(Action action) : ILoopItem
{
    public ILoopItem? NextQueued { get; set; }

    public void Run() => action();

    public void OnFault(Exception fault)
    {
    }
}
