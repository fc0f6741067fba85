using Lvsctl.Kernel.Tests.Lab;

[assembly: CollectionBehavior(typeof(Collections), MaxParallelThreads = 4)]
