namespace FastTcpProxy.Engine.Loop;

/// <summary>
/// A loop item that can give up its turn and come back through the thread pool. The object is its own work item, so deferring allocates nothing.
/// </summary>
internal interface IDeferrable : ILoopItem, IThreadPoolWorkItem
{
}
