using FastTcpProxy.LoadTest.CommandLine;

// Steps wait for nothing but sockets: they continue where a socket was found ready, which is half of what they cost on the thread pool.
// Before the first socket.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "2");

return await new LoadTestCommand().RunAsync(args);
