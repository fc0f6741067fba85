// The lab has one processor, and some tests need the kernel for themselves: they unload its modules, or measure.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
