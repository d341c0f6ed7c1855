namespace FastTcpProxy.Engine.Loop;

/// <summary>A command that runs once inside a loop. The rest of the program reaches a loop by it. Cold path; used once.</summary>
internal sealed class LoopCommand(Action action) : ILoopItem
{
    public ILoopItem? NextQueued { get; set; }

    public void Run() => action();

    public void OnFault(Exception fault)
    {
    }
}
